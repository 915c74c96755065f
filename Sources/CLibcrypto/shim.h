#ifndef TAGFLIP_CLIBCRYPTO_SHIM_H
#define TAGFLIP_CLIBCRYPTO_SHIM_H
// Only what does not bring half of OpenSSL's deprecated surface with it; all calls used here exist since OpenSSL 3.0.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#endif
