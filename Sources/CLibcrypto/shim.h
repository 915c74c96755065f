#ifndef TAGFLIP_CLIBCRYPTO_SHIM_H
#define TAGFLIP_CLIBCRYPTO_SHIM_H
// Only what does not bring half of OpenSSL's deprecated surface with it; all calls used here exist since OpenSSL 3.0.
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

// From <openssl/x509.h>, of which this one call is needed: a SubjectPublicKeyInfo (RFC 5280) becomes a key.
EVP_PKEY *d2i_PUBKEY(EVP_PKEY **key, const unsigned char **bytes, long count);
#endif
