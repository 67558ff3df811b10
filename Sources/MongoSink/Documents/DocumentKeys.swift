/// The field names of the documents, made once.
enum DocumentKeys {
    static let id: BSONKey = "_id"
    static let ts: BSONKey = "ts"
    static let tsLocal: BSONKey = "tsLocal"
    static let op: BSONKey = "op"
    static let meta: BSONKey = "meta"
    static let db: BSONKey = "db"
    static let tbl: BSONKey = "tbl"
    static let pk: BSONKey = "pk"
    static let pkBefore: BSONKey = "pkBefore"
    static let chg: BSONKey = "chg"
    static let src: BSONKey = "src"
    static let gtid: BSONKey = "gtid"
    static let row: BSONKey = "row"
    static let binlog: BSONKey = "binlog"
    static let file: BSONKey = "file"
    static let pos: BSONKey = "pos"
    static let serverID: BSONKey = "serverId"
    static let thread: BSONKey = "thread"
    static let xid: BSONKey = "xid"
    static let query: BSONKey = "query"
    static let queryBytes: BSONKey = "queryBytes"
    static let schema: BSONKey = "schema"
    static let sql: BSONKey = "sql"
    static let before: BSONKey = "before"
    static let after: BSONKey = "after"
    static let srid: BSONKey = "srid"
    static let wkb: BSONKey = "wkb"
    // One character is a Character, not a StaticString with a pointer.
    static let from = BSONKey("f")
    static let to = BSONKey("t")
}
