import GitStore
import TestSupport

extension Scratch {
  /// The object id that git prints for an expression in a repository here.
  func id(_ expression: String, in repository: String = "remote.git") throws -> ObjectID {
    let text = try sh("git -C \(repository) rev-parse --verify '\(expression)'")
    guard let id = ObjectID(hex: text) else { throw ShellFailure(script: "rev-parse \(expression)", status: 0, output: text) }
    return id
  }
}

extension ContinuousClock.Instant {
  /// A deadline that only a hanging test reaches.
  static var ample: ContinuousClock.Instant { .now + .seconds(30) }
}

extension RefName {
  static func of(_ name: String) throws -> RefName {
    guard let ref = RefName(name) else { throw ShellFailure(script: name, status: 0, output: "no ref name") }
    return ref
  }
}

/// A repository with a history worth reading: two tags of `web`, one of `api`, a branch, nested files, a link and a submodule.
func makeRemote(in scratch: Scratch) throws {
  try scratch.sh(
    """
    git init -q --bare remote.git
    git init -q work; cd work
    mkdir -p services/web/manifests module
    echo 'name: web' > services/web/cutover.yaml
    echo 'kind: Deployment' > services/web/manifests/deployment.yaml
    echo '#!/bin/sh' > run; chmod +x run; ln -s run link
    git update-index --add --cacheinfo 160000,1111111111111111111111111111111111111111,module
    git add services run link; git commit -q -m 'First'
    git tag -a -m 'Web one' web/v1.0.0
    echo 'replicas: 2' >> services/web/cutover.yaml; git commit -q -a -m 'Second

    With a body.'
    git tag web/v1.1.0; git tag -a -m 'Api one' api/v1.0.0
    git push -q ../remote.git main --tags
    """)
}
