import AuditVerification
import PlanFiles
import ReleaseEngine
import ReleaseModel

/// Reads the settings that lie in an audit trail as the bot reads its own.
struct SettingsPolicy: PolicyReader {
  func settings(_ text: [UInt8]) -> Result<Settings, UnreadablePolicy> {
    do throws(PortError) {
      return .success(try SettingsFile.settings(text, path: "settings"))
    } catch {
      return .failure(UnreadablePolicy(error.reason))
    }
  }
}
