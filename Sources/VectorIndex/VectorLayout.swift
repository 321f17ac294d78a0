// How vectors of a shape lie in memory: padded for the kernels, and cut into the parts of a code.

import CKernels
import Glibc

/// The sizes of vectors and codes of one shape.
package struct VectorLayout: Sendable, Equatable {
    /// What the vectors are.
    package let shape: VectorShape
    /// Dimensions of a part of a code.
    let width: Int
    /// Parts of a code, half a byte each.
    let parts: Int
    /// Numbers of a padded vector.
    let stride: Int

    /// The usual width for a dimension: codes of about one bit for each two dimensions, up to 64
    /// bytes.
    package static func width(_ dimension: Int) -> Int {
        switch dimension {
        case ...128: 2
        case ...512: 4
        case ...1_024: 8
        default: 16
        }
    }

    /// Parts of `width` dimensions, or as many as is usual for the dimension.
    package init(_ shape: VectorShape, width: Int? = nil) {
        self.shape = shape
        let width = width ?? Self.width(shape.dimension)
        self.width = width
        let parts = (shape.dimension + width - 1) / width
        let step = Int(MSPD_PART_STEP)
        self.parts = (parts + step - 1) / step * step
        let pad = Int(MSPD_PAD)
        stride = (max(self.parts * width, shape.dimension) + pad - 1) / pad * pad
    }

    /// Numbers that codes tell something about.
    var coded: Int { parts * width }

    /// Bytes of a code.
    package var codeBytes: Int { parts / 2 }

    /// Whether the codes are of what is left of a vector once its list's centroid is taken off.
    ///
    /// Products add up over the two, so that one table serves all lists; distances do not.
    var isResidual: Bool { shape.metric != .l2 }

    /// Copies a vector to where `stride` numbers have room: of length 1 under cosine, zeros behind.
    @unsafe func prepare(_ vector: UnsafePointer<Float>, into padded: UnsafeMutablePointer<Float>) {
        let scale = shape.metric == .cosine ? unsafe unit(vector) : 1
        for index in 0..<shape.dimension {
            unsafe padded[index] = Float(Double(vector[index]) * scale)
        }
        for index in shape.dimension..<stride { unsafe padded[index] = 0 }
    }

    /// The power of two by which a padded vector's numbers are divided so that halves hold them.
    ///
    /// The largest of them then are 2^14 to 2^15, and 2^29 times smaller ones are still told
    /// apart. At least the least normal float's, so that its inverse is finite.
    @unsafe func factor(_ padded: UnsafePointer<Float>) -> Float {
        var most: Float = 0
        for index in 0..<stride { most = max(most, unsafe abs(padded[index])) }
        guard most > 0 else { return 1 }
        return Float(sign: .plus, exponent: max(-126, Int(most.exponent) - 14), significand: 1)
    }

    /// One by the length of a vector; in doubles, which hold the squares of all floats.
    @unsafe private func unit(_ vector: UnsafePointer<Float>) -> Double {
        var sum = 0.0
        for index in 0..<shape.dimension {
            let number = unsafe Double(vector[index])
            sum += number * number
        }
        return sum > 0 ? 1 / sum.squareRoot() : 1
    }
}
