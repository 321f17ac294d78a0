// Gathers the attribute columns of a segment, document after document; AttributeColumns has the
// layout. Values are packed as they come, so that a keyword's dictionary is in the order in which
// its values appeared: those of one title lie close together, in few bits.

import Storage

/// Attribute columns being written.
struct AttributeColumnsWriter {
    private var columns: [Column] = []
    private var documents = 0

    fileprivate struct Column {
        let label: AttributeLabel
        var planes: [PackedColumnWriter]
        /// Documents that have a value or are known to have none.
        var count = 0
        // Keywords only.
        var places: [[UInt8]: Int64] = [:]
        var values = ByteWriter()
        var last: (value: [UInt8], place: Int64) = ([], 0)

        init(_ label: AttributeLabel) {
            self.label = label
            planes = Array(repeating: PackedColumnWriter(), count: label.type.planes)
        }
    }

    /// Takes a value of the document at hand; false when it belongs into the row.
    mutating func add(
        _ name: UnsafeBufferPointer<UInt8>, _ type: AttributeType,
        _ value: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard let index = unsafe column(name, type), columns[index].count <= documents else {
            return false
        }
        if unsafe columns[index].add(value, documents) { return true }
        // Further values of the name stay behind this one.
        columns[index].pad(to: documents + 1)
        return false
    }

    /// Goes to the next document.
    mutating func endDocument() { documents += 1 }

    private mutating func column(_ name: UnsafeBufferPointer<UInt8>, _ type: AttributeType) -> Int?
    {
        guard type.planes > 0 else { return nil }
        let known = columns.firstIndex {
            unsafe $0.label.type == type && equalBytes(name, $0.label.name)
        }
        if let known { return known }
        guard columns.count < AttributeColumns.mostAttributes else { return nil }
        unsafe columns.append(Column(AttributeLabel(name: Array(name), type: type)))
        return columns.count - 1
    }

    /// Appends the sections to a file.
    mutating func write(to file: SectionFileWriter) throws(StorageError) {
        columns.sort { $0.label < $1.label }
        var list = ByteWriter()
        list.varint(UInt64(columns.count))
        for column in columns { column.label.encode(into: &list) }
        file.begin(SegmentSection.attributes.rawValue)
        try file.append(list.bytes)
        for index in columns.indices {
            columns[index].pad(to: documents)
            var section =
                AttributeColumns.firstSection + UInt32(index) * AttributeColumns.sectionsEach
            for plane in columns[index].planes.indices {
                file.begin(section)
                try file.append(columns[index].planes[plane].finish())
                section += 1
            }
            guard columns[index].label.type == .keyword else { continue }
            file.begin(section)
            try file.append(columns[index].values.bytes)
        }
    }
}

extension AttributeColumnsWriter.Column {
    fileprivate mutating func add(
        _ value: UnsafeBufferPointer<UInt8>, _ document: Int
    ) -> Bool {
        switch label.type {
        case .keyword:
            guard let place = unsafe place(of: value) else { return false }
            pad(to: document)
            planes[0].append(place)
        case .number:
            guard value.count == 8 else { return false }
            pad(to: document)
            planes[0].append(1)
            planes[1].append(
                SortableNumber.value(
                    unsafe UInt64(
                        littleEndian: UnsafeRawBufferPointer(value).loadUnaligned(
                            as: UInt64.self))))
        case .box:
            guard value.count == 16 else { return false }
            pad(to: document)
            planes[0].append(1)
            for edge in 0..<4 {
                let bits = unsafe UnsafeRawBufferPointer(value).loadUnaligned(
                    fromByteOffset: 4 * edge, as: UInt32.self)
                planes[1 + edge].append(Int64(UInt32(littleEndian: bits)))
            }
        case .text, .blob: return false
        }
        count = document + 1
        return true
    }

    /// Documents up to this one have no value, as far as nothing is known of them.
    fileprivate mutating func pad(to document: Int) {
        guard count < document else { return }
        for _ in count..<document {
            planes[0].append(0)
            guard label.type != .keyword else { continue }
            for plane in planes.indices.dropFirst() { planes[plane].append(0) }
        }
        count = document
    }

    /// The place of a value in the dictionary, from 1; nil when the dictionary is full.
    private mutating func place(of value: UnsafeBufferPointer<UInt8>) -> Int64? {
        // One value mostly follows itself.
        if last.place > 0, unsafe equalBytes(value, last.value) { return last.place }
        let key = unsafe Array(value)
        if let known = places[key] {
            last = (key, known)
            return known
        }
        guard places.count < AttributeColumns.mostValues,
            values.count + key.count <= AttributeColumns.mostValueBytes
        else { return nil }
        values.bytes(key)
        planes[1].append(Int64(values.count))
        last = (key, Int64(places.count) + 1)
        places[key] = last.place
        return last.place
    }
}
