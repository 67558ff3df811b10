extension TableDefinition {
    /// What `logged` says, completed by this definition; nil when the two cannot be of the same table.
    ///
    /// Whatever both know must be the same: number of columns, types with their lengths, NULL, signs, collations. What
    /// the log says stays. Labels of ENUM and SET are not taken over: the log says nothing that they could be held
    /// against, and a label of another time would be a wrong value that looks like a right one.
    func completing(
        _ logged: TableMapMetadata, of fields: [Field], _ flavor: Flavor, nullable: [UInt8]
    ) -> TableMapMetadata? {
        guard columns.count == fields.count, isKeyPossible else { return nil }
        var metadata = logged
        var unsigned: [Bool] = []
        var collations: [Int] = []
        var enumAndSetCollations: [Int] = []
        var geometryKinds: [Int] = []
        var vectorDimensions: [Int] = []
        for (index, (column, field)) in zip(columns, fields).enumerated() {
            let type = DeclaredType(column.type)
            let isNullable = nullable[index / 8] & (1 << (index % 8)) != 0
            guard column.isNullable == isNullable,
                type.agrees(with: field, byteCountMax: column.byteCountMax)
            else { return nil }
            if field.type.isNumeric {
                // A YEAR counts as unsigned in the log, whatever its declaration says.
                let known = logged.unsigned?[unsigned.count]
                let isUnsigned = field.type == .year ? true : type.isUnsigned
                if let known, field.type != .year, known != isUnsigned { return nil }
                unsigned.append(known ?? isUnsigned)
            }
            let collation =
                type.isBinary || type.geometryKind != nil ? CollationID.binary : column.collationID
            if field.type.isCharacter(flavor) {
                let known = logged.collations?[collations.count]
                if let known, let collation, known != collation { return nil }
                collations.append(known ?? collation ?? CollationID.unknown)
            }
            if field.type.isEnumOrSet {
                enumAndSetCollations.append(collation ?? CollationID.unknown)
            }
            if field.type == .geometry { geometryKinds.append(type.geometryKind ?? 0) }
            if field.type == .vector { vectorDimensions.append(type.numbers.first ?? 0) }
        }
        metadata.names = columns.map(\.name)
        metadata.unsigned = unsigned
        metadata.collations = collations
        metadata.enumAndSetCollations = logged.enumAndSetCollations ?? enumAndSetCollations
        metadata.geometryKinds = logged.geometryKinds ?? geometryKinds
        metadata.vectorDimensions = logged.vectorDimensions ?? vectorDimensions
        metadata.primaryKey = primaryKey
        metadata.visible = columns.map(\.isVisible)
        return metadata
    }

    private var isKeyPossible: Bool {
        Set(primaryKey).count == primaryKey.count
            && primaryKey.allSatisfy { columns.indices.contains($0) }
    }
}
