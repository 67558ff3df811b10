/// What can be done when a server cannot go on from our position.
enum PositionAdvice {
    static let purged =
        "Follow a replica that still has them (MYSQL_ADDR), or accept the hole and add them to the "
        + "stored position (`gtid` in the offset document)."
    static let diverged =
        "It was restored, reset, lags behind, or is another server: follow the one that has all of "
        + "our position (MYSQL_ADDR), or start afresh."
}
