/// The keys that each file may have, by the object that has them: what the readers know, for comparing with the published schemas.
package enum KnownKeys {
  /// `config/tagflip.yaml`. The empty name is the file itself; `audit.remote` has the keys of `repository`, secrets those of `password`.
  package static var settings: [String: [String]] { SettingsFile.keys }

  /// `cutover.yaml` and templates. `checks` are the elements of every list of that name.
  package static var plan: [String: [String]] {
    PlanFile.nestedKeys.merging(["": PlanFile.keys, "checks": CheckReader.keys]) { _, own in own }
  }

  /// `tagflip.yaml` of a release repo.
  package static var catalog: [String: [String]] { ["": CatalogKeys.all] }
}
