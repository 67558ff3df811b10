#pragma once

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <sys/socket.h>

/* Swift does not import function-like macros, so each one used gets a function. */

static inline long sdl_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline void sdl_SSL_CTX_set_read_ahead(SSL_CTX *context, int on) {
    SSL_CTX_set_read_ahead(context, on);
}

static inline void sdl_SSL_CTX_set_partial_writes(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

static inline long sdl_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name);
}

static inline int sdl_ERR_is_unexpected_eof(unsigned long code) {
#ifdef SSL_R_UNEXPECTED_EOF_WHILE_READING
    return ERR_GET_LIB(code) == ERR_LIB_SSL &&
           ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
#else
    (void)code;
    return 0;
#endif
}

/*
 * A socket BIO that never raises SIGPIPE. OpenSSL's own writes with write(2), and a library may
 * not change the signal handling of the program it lives in.
 */
static int sdl_bio_write(BIO *bio, const char *bytes, int count) {
#ifdef MSG_NOSIGNAL
    const int flags = MSG_NOSIGNAL;
#else
    const int flags = 0; /* SO_NOSIGPIPE is set on the socket */
#endif
    const int fd = (int)(intptr_t)BIO_get_data(bio);
    ssize_t done;
    BIO_clear_retry_flags(bio);
    do {
        done = send(fd, bytes, (size_t)count, flags);
    } while (done < 0 && errno == EINTR);
    if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        BIO_set_retry_write(bio);
    }
    return (int)done;
}

static int sdl_bio_read(BIO *bio, char *bytes, int count) {
    const int fd = (int)(intptr_t)BIO_get_data(bio);
    ssize_t done;
    BIO_clear_retry_flags(bio);
    do {
        done = recv(fd, bytes, (size_t)count, 0);
    } while (done < 0 && errno == EINTR);
    if (done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        BIO_set_retry_read(bio);
    } else if (done == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    }
    return (int)done;
}

static long sdl_bio_ctrl(BIO *bio, int command, long number, void *pointer) {
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default:
        return 0;
    }
}

/* The method must live as long as every BIO made with it; free it with BIO_meth_free. */
static inline BIO_METHOD *sdl_bio_method_new(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "sdl socket");
    if (method != NULL) {
        BIO_meth_set_write(method, sdl_bio_write);
        BIO_meth_set_read(method, sdl_bio_read);
        BIO_meth_set_ctrl(method, sdl_bio_ctrl);
    }
    return method;
}

static inline BIO *sdl_bio_new(BIO_METHOD *method, int fd) {
    BIO *bio = BIO_new(method);
    if (bio != NULL) {
        BIO_set_data(bio, (void *)(intptr_t)fd);
        BIO_set_init(bio, 1);
    }
    return bio;
}
