#pragma once

#include <mongoc/mongoc.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// libbson aligns bson_t to 128 bytes, so Swift sees it only as an opaque pointer. These functions take and
// give plain bytes; each bson_t lives on the C stack of one call.

/// A copy of a server's reply or of a found document; free `bytes` with `sdl_free`.
typedef struct {
    uint8_t *bytes;
    size_t length;
} sdl_document;

/// Whether concerns of the client and retries are applied as for a read, a write, or not at all.
typedef enum { SDL_COMMAND_PLAIN, SDL_COMMAND_READ, SDL_COMMAND_WRITE } sdl_command_kind;

static inline void sdl_free(uint8_t *bytes) { bson_free(bytes); }

/// libmongoc prints warnings to stderr by default; ours is for our own log lines, and theirs may quote the URI.
static inline void sdl_start(void) {
    mongoc_log_set_handler(NULL, NULL);
    mongoc_init();
}

static inline void sdl_exit_now(int status, void *unused) {
    (void) unused;
    fflush(NULL);
    _exit(status);
}

/// Makes `exit` end the process with its status before libmongoc and OpenSSL clean up: for a thread that is still
/// inside them. What is registered last runs first.
static inline void sdl_exit_without_cleanup(void) { on_exit(sdl_exit_now, NULL); }

static inline void sdl_fail(bson_error_t *error, const char *message) {
    bson_set_error(error, MONGOC_ERROR_BSON, MONGOC_ERROR_BSON_INVALID, "%s", message);
}

static inline sdl_document sdl_copy(const bson_t *document) {
    sdl_document copy = {(uint8_t *) bson_malloc(document->len), document->len};
    memcpy(copy.bytes, bson_get_data(document), document->len);
    return copy;
}

/// Initializes `options` with the session's id when there is a session.
static inline bool sdl_session_options(
    mongoc_client_session_t *session, bson_t *options, bson_error_t *error) {
    bson_init(options);
    return session == NULL || mongoc_client_session_append(session, options, error);
}

/// A client whose reads go to the primary with majority and whose writes wait for majority and journal.
static inline mongoc_client_t *sdl_client_new(
    const mongoc_uri_t *uri, const char *application, int64_t write_timeout_ms,
    bson_error_t *error) {
    mongoc_client_t *client = mongoc_client_new_from_uri_with_error(uri, error);
    if (client == NULL) return NULL;
    mongoc_client_set_error_api(client, MONGOC_ERROR_API_VERSION_2);
    mongoc_client_set_appname(client, application);
    mongoc_write_concern_t *write = mongoc_write_concern_new();
    mongoc_write_concern_set_wmajority(write, (int32_t) write_timeout_ms);
    mongoc_write_concern_set_journal(write, true);
    mongoc_client_set_write_concern(client, write);
    mongoc_write_concern_destroy(write);
    mongoc_read_concern_t *read = mongoc_read_concern_new();
    mongoc_read_concern_set_level(read, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
    mongoc_client_set_read_concern(client, read);
    mongoc_read_concern_destroy(read);
    mongoc_read_prefs_t *primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
    mongoc_client_set_read_prefs(client, primary);
    mongoc_read_prefs_destroy(primary);
    return client;
}

/// Sets a timeout unless the connection string names one.
static inline bool sdl_uri_default_ms(mongoc_uri_t *uri, const char *option, int32_t milliseconds) {
    return mongoc_uri_has_option(uri, option)
        || mongoc_uri_set_option_as_int32(uri, option, milliseconds);
}

/// Runs one command; `reply` is filled whether it succeeds or not.
static inline bool sdl_command(
    mongoc_client_t *client, const char *database, const uint8_t *bytes, size_t length,
    sdl_command_kind kind, mongoc_client_session_t *session, sdl_document *reply,
    bson_error_t *error) {
    bson_t command, options, answer;
    *reply = (sdl_document){NULL, 0};
    if (!bson_init_static(&command, bytes, length)) {
        sdl_fail(error, "the command is not a BSON document");
        return false;
    }
    if (!sdl_session_options(session, &options, error)) {
        bson_destroy(&options);
        return false;
    }
    bool succeeded;
    switch (kind) {
    case SDL_COMMAND_READ:
        succeeded = mongoc_client_read_command_with_opts(
            client, database, &command, NULL, &options, &answer, error);
        break;
    case SDL_COMMAND_WRITE:
        succeeded = mongoc_client_write_command_with_opts(
            client, database, &command, &options, &answer, error);
        break;
    default:
        succeeded = mongoc_client_command_with_opts(
            client, database, &command, NULL, &options, &answer, error);
    }
    *reply = sdl_copy(&answer);
    bson_destroy(&answer);
    bson_destroy(&options);
    return succeeded;
}

/// Inserts documents that stand one after another; `ends` are the offsets behind each.
///
/// They go to the server as document sequences of one insert command, in order, until the first error.
static inline bool sdl_insert(
    mongoc_client_t *client, const char *database, const char *collection_name,
    const uint8_t *bytes, const ptrdiff_t *ends, size_t count, ptrdiff_t start,
    mongoc_client_session_t *session, sdl_document *reply, bson_error_t *error) {
    bson_t options, insert_options, answer;
    *reply = (sdl_document){NULL, 0};
    if (!sdl_session_options(session, &options, error)) {
        bson_destroy(&options);
        return false;
    }
    bson_init(&insert_options);
    // Our writer makes well-formed BSON, and the server validates; a third walk costs a tenth of the throughput.
    BSON_APPEND_BOOL(&insert_options, "validate", false);
    mongoc_collection_t *collection = mongoc_client_get_collection(client, database, collection_name);
    mongoc_bulk_operation_t *bulk =
        mongoc_collection_create_bulk_operation_with_opts(collection, &options);
    bool succeeded = true;
    for (size_t index = 0; succeeded && index < count; index++) {
        bson_t document;
        if (ends[index] > start
            && bson_init_static(&document, bytes + start, (size_t) (ends[index] - start))) {
            succeeded = mongoc_bulk_operation_insert_with_opts(
                bulk, &document, &insert_options, error);
        } else {
            sdl_fail(error, "a document to insert is not a BSON document");
            succeeded = false;
        }
        start = ends[index];
    }
    if (succeeded) {
        succeeded = mongoc_bulk_operation_execute(bulk, &answer, error) != 0;
        *reply = sdl_copy(&answer);
        bson_destroy(&answer);
    }
    mongoc_bulk_operation_destroy(bulk);
    mongoc_collection_destroy(collection);
    bson_destroy(&insert_options);
    bson_destroy(&options);
    return succeeded;
}

/// Starts a query; NULL with `error` set when it cannot be formed. The server's errors come from the cursor.
static inline mongoc_cursor_t *sdl_find(
    mongoc_client_t *client, const char *database, const char *collection_name,
    const uint8_t *filter_bytes, size_t filter_length, const uint8_t *option_bytes,
    size_t option_length, mongoc_client_session_t *session, bson_error_t *error) {
    bson_t filter, given, options;
    if (!bson_init_static(&filter, filter_bytes, filter_length)
        || !bson_init_static(&given, option_bytes, option_length)) {
        sdl_fail(error, "the query is not a BSON document");
        return NULL;
    }
    mongoc_cursor_t *cursor = NULL;
    if (sdl_session_options(session, &options, error)) {
        bson_concat(&options, &given);
        mongoc_collection_t *collection =
            mongoc_client_get_collection(client, database, collection_name);
        cursor = mongoc_collection_find_with_opts(collection, &filter, &options, NULL);
        mongoc_collection_destroy(collection);
    }
    bson_destroy(&options);
    return cursor;
}

/// The next document of a query; false at the end or after an error, which `sdl_cursor_error` tells apart.
static inline bool sdl_cursor_next(mongoc_cursor_t *cursor, sdl_document *document) {
    const bson_t *found;
    *document = (sdl_document){NULL, 0};
    if (!mongoc_cursor_next(cursor, &found)) return false;
    *document = sdl_copy(found);
    return true;
}

/// Whether the query failed; `reply` is the server's reply when there is one.
static inline bool sdl_cursor_error(
    const mongoc_cursor_t *cursor, sdl_document *reply, bson_error_t *error) {
    const bson_t *answer = NULL;
    *reply = (sdl_document){NULL, 0};
    if (!mongoc_cursor_error_document(cursor, error, &answer)) return false;
    if (answer != NULL && answer->len > 0) *reply = sdl_copy(answer);
    return true;
}

static inline mongoc_client_session_t *sdl_session_new(
    mongoc_client_t *client, bson_error_t *error) {
    mongoc_session_opt_t *options = mongoc_session_opts_new();
    mongoc_session_opts_set_causal_consistency(options, false);
    mongoc_client_session_t *session = mongoc_client_start_session(client, options, error);
    mongoc_session_opts_destroy(options);
    return session;
}

/// Starts a transaction with majority and journal, whose commit the server bounds in time.
static inline bool sdl_transaction_start(
    mongoc_client_session_t *session, bool is_snapshot, int64_t commit_timeout_ms,
    bson_error_t *error) {
    mongoc_transaction_opt_t *options = mongoc_transaction_opts_new();
    mongoc_read_concern_t *read = mongoc_read_concern_new();
    mongoc_read_concern_set_level(
        read, is_snapshot ? MONGOC_READ_CONCERN_LEVEL_SNAPSHOT : MONGOC_READ_CONCERN_LEVEL_MAJORITY);
    mongoc_transaction_opts_set_read_concern(options, read);
    mongoc_read_concern_destroy(read);
    mongoc_write_concern_t *write = mongoc_write_concern_new();
    mongoc_write_concern_set_wmajority(write, (int32_t) commit_timeout_ms);
    mongoc_write_concern_set_journal(write, true);
    mongoc_transaction_opts_set_write_concern(options, write);
    mongoc_write_concern_destroy(write);
    mongoc_read_prefs_t *primary = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
    mongoc_transaction_opts_set_read_prefs(options, primary);
    mongoc_read_prefs_destroy(primary);
    mongoc_transaction_opts_set_max_commit_time_ms(options, commit_timeout_ms);
    bool succeeded = mongoc_client_session_start_transaction(session, options, error);
    mongoc_transaction_opts_destroy(options);
    return succeeded;
}

static inline bool sdl_transaction_commit(
    mongoc_client_session_t *session, sdl_document *reply, bson_error_t *error) {
    bson_t answer;
    bool succeeded = mongoc_client_session_commit_transaction(session, &answer, error);
    *reply = sdl_copy(&answer);
    bson_destroy(&answer);
    return succeeded;
}
