// What a search asks of boxes in a picture: that they overlap an area, and how well.

/// A box in a picture: its left and upper edge, its width and height, in fractions of the picture.
package struct Box: Sendable, Equatable {
    /// The left edge.
    package let x: Float
    /// The upper edge.
    package let y: Float
    /// From the left edge to the right one.
    package let width: Float
    /// From the upper edge to the lower one.
    package let height: Float

    /// A box by its edges and size.
    package init(x: Float, y: Float, width: Float, height: Float) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    private var size: Double { Double(width) * Double(height) }

    /// How much of a line lies in a stretch of an axis; nil when they do not overlap.
    ///
    /// Ends that a millionth parts touch, which is no overlap. A point lies in a stretch that
    /// begins there, as one in time does.
    private static func common(
        _ start: Float, _ length: Float, _ from: Float, _ span: Float
    ) -> Double? {
        let touching = 1e-6
        let (start, length) = (Double(start), Double(length))
        let (from, to) = (Double(from), Double(from) + Double(span))
        guard start < to - touching else { return nil }
        if length <= touching { return start >= from - touching ? 0 : nil }
        let shared = min(start + length, to) - max(start, from)
        return shared > touching ? shared : nil
    }

    /// The size of what the box shares with an area; nil when they do not overlap.
    fileprivate func shared(with area: Box) -> Double? {
        guard let across = Self.common(x, width, area.x, area.width),
            let down = Self.common(y, height, area.y, area.height)
        else { return nil }
        return across * down
    }

    /// The share of the box that lies in an area; 1 for a box without size that lies there.
    fileprivate func share(_ shared: Double) -> Double { size > 0 ? shared / size : 1 }

    /// Intersection over union.
    fileprivate func likeness(_ area: Box, _ shared: Double) -> Double {
        shared / (size + area.size - shared)
    }
}

/// A box that an annotation must have.
///
/// Of several boxes of one name the first counts.
package struct BoxCondition: Sendable, Equatable {
    /// What scores may fall short of through rounding.
    private static let rounding = 1e-6

    /// The attribute.
    package let name: [UInt8]
    /// What the box must overlap; it has a width and a height.
    package let area: Box
    /// Intersection over union of box and area, at least.
    package let likeness: Double
    /// The share of the box that lies in the area, at least.
    package let share: Double

    /// The attribute `name` must overlap `area`, by `likeness` and `share` at least.
    package init(name: [UInt8], area: Box, likeness: Double = 0, share: Double = 0) {
        (self.name, self.area, self.likeness, self.share) = (name, area, likeness, share)
    }

    func holds(_ box: Box) -> Bool {
        guard let shared = box.shared(with: area) else { return false }
        return box.likeness(area, shared) >= likeness - Self.rounding
            && box.share(shared) >= share - Self.rounding
    }
}
