/// What pods ask for: by this, and not by what they use, capacity is counted and paid.
package struct ResourceRequests: Sendable, Hashable, Codable {
  /// CPU in thousandths of a core.
  package var milliCPU: Int
  /// Memory in bytes.
  package var memoryBytes: Int

  package init(milliCPU: Int, memoryBytes: Int) {
    self.milliCPU = milliCPU
    self.memoryBytes = memoryBytes
  }

  package static let zero = ResourceRequests(milliCPU: 0, memoryBytes: 0)

  package static func + (left: ResourceRequests, right: ResourceRequests) -> ResourceRequests {
    ResourceRequests(milliCPU: left.milliCPU + right.milliCPU, memoryBytes: left.memoryBytes + right.memoryBytes)
  }

  /// What so many pods ask for.
  package static func * (one: ResourceRequests, count: Int) -> ResourceRequests {
    ResourceRequests(milliCPU: one.milliCPU * count, memoryBytes: one.memoryBytes * count)
  }
}
