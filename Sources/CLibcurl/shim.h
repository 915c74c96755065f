#ifndef TAGFLIP_CLIBCURL_SHIM_H
#define TAGFLIP_CLIBCURL_SHIM_H
// Typed doors to libcurl's variadic functions, which Swift cannot call. The parentheses around the names switch off curl's
// type-checking macros (typecheck-gcc.h).
#include <curl/curl.h>

static inline CURLcode tagflip_curl_set_long(CURL *handle, CURLoption option, long value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode tagflip_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode tagflip_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode tagflip_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return (curl_easy_setopt)(handle, option, value);
}
static inline CURLcode tagflip_curl_set_context(CURL *handle, CURLoption option, void *value) {
  return (curl_easy_setopt)(handle, option, value);
}
// The bytes are copied by libcurl.
static inline CURLcode tagflip_curl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
  return (curl_easy_setopt)(handle, option, &blob);
}
typedef size_t (*tagflip_curl_data_callback)(char *data, size_t size, size_t count, void *context);
static inline CURLcode tagflip_curl_set_data_callback(CURL *handle, CURLoption option, tagflip_curl_data_callback callback) {
  return (curl_easy_setopt)(handle, option, callback);
}
static inline CURLcode tagflip_curl_set_socket_callback(CURL *handle, curl_opensocket_callback callback, void *context) {
  CURLcode code = (curl_easy_setopt)(handle, CURLOPT_OPENSOCKETDATA, context);
  return code == CURLE_OK ? (curl_easy_setopt)(handle, CURLOPT_OPENSOCKETFUNCTION, callback) : code;
}
static inline CURLcode tagflip_curl_set_request_callback(CURL *handle, curl_prereq_callback callback, void *context) {
  CURLcode code = (curl_easy_setopt)(handle, CURLOPT_PREREQDATA, context);
  return code == CURLE_OK ? (curl_easy_setopt)(handle, CURLOPT_PREREQFUNCTION, callback) : code;
}
static inline CURLcode tagflip_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLcode tagflip_curl_get_size(CURL *handle, CURLINFO info, curl_off_t *value) {
  return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLcode tagflip_curl_get_text(CURL *handle, CURLINFO info, char **value) {
  return (curl_easy_getinfo)(handle, info, value);
}
static inline CURLMcode tagflip_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
  return (curl_multi_setopt)(handle, option, value);
}
// The union in CURLMsg, and the socket, are read here so that Swift need not know their layout.
static inline CURLcode tagflip_curl_message_result(const CURLMsg *message) { return message->data.result; }
// Not inherited by children: a child that outlives us must not hold our connections open.
static inline curl_socket_t tagflip_curl_open_socket(const struct curl_sockaddr *address) {
#ifdef SOCK_CLOEXEC
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
  return socket(address->family, address->socktype, address->protocol);
#endif
}
static inline curl_socket_t tagflip_curl_bad_socket(void) { return CURL_SOCKET_BAD; }
static inline long tagflip_curl_global_default(void) { return CURL_GLOBAL_DEFAULT; }
#endif
