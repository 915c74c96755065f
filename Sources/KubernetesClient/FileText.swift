import FoundationEssentials

/// Small files that access needs: certificates, keys, tokens.
enum FileText {
  static func read(_ path: String, because purpose: String, hint: String) throws(ClusterAccessError) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw ClusterAccessError(file: path, reason: "could not be read for \(purpose)", hint: hint)
    }
  }
}
