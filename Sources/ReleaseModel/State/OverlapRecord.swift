/// What was seen while users reached both colors: between the PATCH that opened the overlap and the one that left the new color alone.
package struct OverlapRecord: Sendable, Hashable, Codable {
  /// How much of it was watched, in milliseconds.
  package var watchedMs: Int
  /// From sending the first PATCH until every EndpointSlice held exactly the ready pods of both colors, in milliseconds; nil when that was not
  /// seen.
  package var convergedMs: Int?
  /// The addresses that the slices held then.
  package var endpoints: Int?
  /// When the new color was left alone, by the API server's clock: when the second PATCH was acknowledged, or, without ``patchMs``, when it was
  /// found to be so. Nil where users went back, or were taken elsewhere, from both.
  package var narrowedAt: Timestamp?
  /// From sending the second PATCH to its answer, in milliseconds; nil where no run saw that answer.
  package var patchMs: Int?
  /// The field manager that left the new color alone, where it was not tagflip's; nil otherwise.
  package var hand: String?
  /// How long both served, in milliseconds; nil where its end is not known.
  package var servedMs: Int?

  package init(
    watchedMs: Int = 0, convergedMs: Int? = nil, endpoints: Int? = nil, narrowedAt: Timestamp? = nil, patchMs: Int? = nil,
    hand: String? = nil, servedMs: Int? = nil
  ) {
    self.watchedMs = watchedMs
    self.convergedMs = convergedMs
    self.endpoints = endpoints
    self.narrowedAt = narrowedAt
    self.patchMs = patchMs
    self.hand = hand
    self.servedMs = servedMs
  }
}

extension CutoverPlan {
  /// Whether users are to reach both colors for a while: a first release has nothing to share them with.
  package var overlaps: Bool { settings.overlapMs != nil && from != nil }
}
