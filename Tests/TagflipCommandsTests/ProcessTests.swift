import Testing

@testable import TagflipCommands

/// The binary as a shell, a scheduler and a program meet it.
@Suite(.serialized) struct ProcessTests {
  private let folder = Scratch()

  private func tagflip(_ words: String...) async throws -> Program.Result { try await Program.tagflip(words, in: folder) }

  @Test func `without a verb it explains itself; it knows its version; a slip of the pen is a usage error`() async throws {
    let bare = try await tagflip()
    #expect(bare.status == 0 && bare.output.hasPrefix("OVERVIEW: ") && bare.errors.isEmpty)
    let version = try await tagflip("--version")
    #expect(version.status == 0 && version.output == "tagflip \(Tagflip.version)\n")
    let slip = try await tagflip("stauts")
    #expect(slip.status == 64)
    #expect(slip.errors == "error: there is no command \"stauts\"\n  next: did you mean \"status\"?; see: tagflip --help\n")
    #expect(slip.output.isEmpty)
  }

  @Test func `settings that are missing, a folder, empty or misspelled are each said, with what to do`() async throws {
    let missing = try await tagflip("run")
    #expect(missing.status == 30)
    #expect(
      missing.errors == """
        error: config/tagflip.yaml: could not read the settings: there is no such file
          next: name the file: --settings PATH, or $TAGFLIP_SETTINGS

        """)
    #expect(try await tagflip("run", "--settings", "/").errors.contains("error: /: could not read the settings: this is a folder"))
    try folder.write("empty.yaml", "")
    #expect(try await tagflip("run", "--settings", "empty.yaml").errors.contains("next: begin with the sample config/tagflip.yaml"))
    try folder.write(
      "typo.yaml", "installation: x\nrepositroy: {url: r.git}\nrepository: {url: r.git}\nstate: {namespace: tagflip}\nimages: trusted\n")
    let typo = try await tagflip("status", "--settings", "typo.yaml")
    #expect(typo.status == 30)
    #expect(typo.errors.contains("error: typo.yaml:2:1: could not read the settings: ") && typo.errors.contains("\"repository\""))
  }

  @Test func `a cluster that nobody named, and one whose kubeconfig is missing, are each said with what to do`() async throws {
    try folder.write("tagflip.yaml", "{installation: x, repository: {url: r.git}, state: {namespace: tagflip}, images: trusted}")
    let script = "exec env -u KUBECONFIG -u KUBERNETES_SERVICE_HOST \"$0\" \"$@\" 2>err"
    let nobody = try await Program.shell(script, [Program.path, "status", "-s", "tagflip.yaml"], in: folder)
    #expect(nobody.status == 30)
    #expect(nobody.errors.contains("could not find the cluster: no kubeconfig is named") && nobody.errors.contains("next: "))
    let wrong = try await Program.shell(
      "exec env -u KUBERNETES_SERVICE_HOST KUBECONFIG=/nosuch \"$0\" \"$@\" 2>err", [Program.path, "status", "-s", "tagflip.yaml"],
      in: folder)
    #expect(
      wrong.errors == """
        error: /nosuch: could not find the cluster: there is no such file
          next: correct $KUBECONFIG, or name a file in the settings: cluster.kubeconfig

        """)
  }

  @Test func `a URL that holds a password is refused without showing it`() async throws {
    try folder.write(
      "tagflip.yaml",
      "{installation: x, repository: {url: \"https://bot:s3cret-4711@git.example/r.git\"}, state: {namespace: tagflip}, images: trusted}")
    let refused = try await tagflip("run", "-s", "tagflip.yaml", "--output", "json")
    #expect(refused.status == 30)
    #expect(refused.errors.contains("repository.url holds a password") && refused.errors.contains("password: {file: PATH}"))
    #expect(!refused.all.contains("s3cret"))
  }

  @Test func `a reader that goes away does not end the command`() async throws {
    let result = try await Program.shell(
      "{ sleep 0.2; env --default-signal=PIPE \"$0\" --help 2>err; echo $? >status; } | true; sleep 0.5; cat status", [Program.path],
      in: folder)
    #expect(result.output == "0\n")
  }

  @Test func `the embedded cluster says why it cannot serve or write its kubeconfig`() async throws {
    let unwritable = try await tagflip("cluster", "--kubeconfig", "/nosuch/kubeconfig")
    #expect(unwritable.status == 30)
    #expect(
      unwritable.errors == """
        error: /nosuch/kubeconfig: could not write the kubeconfig: there is no such folder
          next: name another file: --kubeconfig PATH

        """)
    let taken = try await Program.shell(
      """
      "$0" cluster >first 2>err.first & pid=$!
      for i in $(seq 1 500); do [ -s first ] && break; sleep 0.01; done
      port=$(sed 's/.*127.0.0.1:\\([0-9]*\\).*/\\1/' first)
      "$0" cluster --port $port 2>err; status=$?
      kill $pid; wait $pid; echo "$status $?"
      """, [Program.path], in: folder)
    #expect(taken.output == "30 0\n", "a cluster that is told to stop ends well")
    #expect(taken.errors.contains("error: could not serve a cluster on 127.0.0.1:") && taken.errors.contains("next: "), "\(taken.errors)")
  }
}

/// The verbs at work on an installation.
@Suite(.serialized) struct ShopTests {
  @Test func `every verb prints one JSON document, and logs one object a line`() async throws {
    try await Shop.open { shop in
      func document(_ words: String..., status: Int32 = 0) async throws -> Document {
        let all = words + ["--settings", "tagflip.yaml", "--output", "json", "--log", "json"]
        let result = try await Program.tagflip(all, in: shop.folder)
        #expect(result.status == status, "\(words): \(result.all)")
        for line in result.errors.split(separator: "\n") { _ = try Document(String(line)) }
        return try Document(result.output)
      }
      #expect(try await document("status") == .list([]))
      #expect(try await document("rollback", "web", status: 30)["error", "hint"] == .text("see what is there: tagflip status"))
      #expect(try await document("run")["services", "web", "0", "result"] == .text("noted"))
      try await shop.repository.release("1.0.0", "The first release")
      #expect(try await document("plan", "web/v1.0.0")["plan", "to"] == .text("blue"))
      #expect(try await document("run")["services", "web", "0", "outcome"] == .text("promoted"))
      try await shop.repository.release("1.1.0", "The second")
      #expect(try await document("run")["services", "web", "0", "outcome"] == .text("promoted"))
      #expect(try await document("run")["endedEarly"] == .bool(false), "a warm standby is looked at once more")
      #expect(try await document("run")["endedEarly"] == .bool(true))
      #expect(try await document("rollback", "web")["change"] == .text("went-back"))
      #expect(try await document("status", "web")["0", "version"] == .text("1.0.0"))
      #expect(try await document("retry", "web", "1.1.0")["tag"] == .text("web/v1.1.0"))
      #expect(try await document("retire", "web")["retired"] == .null)
      #expect(try await document("retry", "web", "9.0.0", status: 30)["error", "hint"] == .text("there are: 1.1.0, 1.0.0"))
    }
  }

  @Test func `what does not exist is said with what there is`() async throws {
    try await Shop.open { shop in
      func said(_ words: String...) async throws -> String {
        let result = try await Program.tagflip(words + ["--settings", "tagflip.yaml"], in: shop.folder)
        #expect(result.status == 30, "\(words): \(result.all)")
        return result.errors
      }
      try await shop.repository.release("1.0.0", "The first release")
      #expect(try await said("plan", "webb", "--version", "1.0.0").hasSuffix("names no such service\n  next: did you mean \"web\"?\n"))
      #expect(
        try await said("plan", "web/v9.0.0") == """
          error: could not plan web/v9.0.0: there is no such release tag
            next: there are: web/v1.0.0; before the tag: tagflip plan web --version VERSION

          """)
      #expect(
        try await said("plan", "web") == """
          error: could not plan web: this is a service; which version of it?
            next: before the tag: tagflip plan web --version VERSION

          """)
      #expect(try await said("retry", "webb", "1.0.0").contains("next: known are: web"))
    }
  }

  @Test func `a plan that is asked for offline needs neither cluster nor Git`() async throws {
    try await Shop.open { shop in
      try shop.settings(repository: "{url: \"https://git.example/r.git\", username: bot, password: {file: nosuch}}")
      try shop.folder.write("kubeconfig", "")
      let plan = try await shop.tagflip("plan", "web", "--version", "1.0.0", "--at", "team", "--offline", "--settings", "tagflip.yaml")
      #expect(plan.status == 0, "\(plan.all)")
      #expect(plan.output.contains("  tag       web/v1.0.0 from the folder\n"))
      #expect(plan.output.contains("  pods      web-blue: 3 pods of registry.example/shop/web:1.0.0\n"))
      let elsewhere = try await shop.tagflip("plan", "web", "--version", "1.0.0", "--at", "/", "--offline", "--settings", "tagflip.yaml")
      #expect(
        elsewhere.errors == """
          error: /: could not plan web: the folder has no tagflip.yaml
            next: name the release repo's own folder: --at FOLDER

          """)
    }
  }

  @Test func `going back needs nothing of Git, not even that its password is there`() async throws {
    try await Shop.open { shop in
      for version in ["1.0.0", "1.1.0"] {
        if version == "1.0.0" { _ = try await shop.tagflip("run", "--settings", "tagflip.yaml") }
        try await shop.repository.release(version, "Release \(version)")
        #expect(try await shop.tagflip("run", "--settings", "tagflip.yaml").status == 0)
      }
      try shop.settings(repository: "{url: \"https://git.example/r.git\", username: bot, password: {file: nosuch}}")
      let run = try await shop.tagflip("run", "--settings", "tagflip.yaml")
      #expect(run.status == 30)
      #expect(run.output.contains("nosuch: could not find the Git password: there is no such file"))
      let status = try await shop.tagflip("status", "--settings", "tagflip.yaml")
      #expect(status.status == 0 && status.output.contains("users are on green, 1.1.0"))
      #expect(status.output.contains("unread    ") && status.output.contains("could not find the Git password"))
      let back = try await shop.tagflip("rollback", "web", "--settings", "tagflip.yaml")
      #expect(back.status == 0, "\(back.all)")
      #expect(back.output.contains("web: users are back on blue") && back.output.contains("the record is not in Git yet"))
    }
  }

  @Test func `no secret is in any output, whatever goes wrong`() async throws {
    try await Shop.open { shop in
      try shop.folder.write("token", "s3cret-token\n")
      try shop.folder.write("hook", "http://127.0.0.1:9/hooks/s3cret-hook\n")
      try shop.settings(
        repository: "{url: \"http://127.0.0.1:9/r.git\", username: bot, password: {file: token}}",
        "notices: {webhook: {file: hook}, heartbeat: {file: hook}}\npolicy: {hosts: [127.0.0.1]}")
      for words in [["run"], ["status"], ["plan", "web/v1.0.0"], ["retry", "web", "1.0.0"]] {
        for format in ["text", "json"] {
          let all = words + ["--settings", "tagflip.yaml", "--output", format, "--log", format]
          let result = try await Program.tagflip(all, in: shop.folder)
          #expect(!result.all.contains("s3cret"), "\(result.all)")
        }
      }
      let run = try await shop.tagflip("run", "--settings", "tagflip.yaml")
      #expect(run.status == 31)
      #expect(run.output.contains("127.0.0.1:9"), "\(run.all)")
      #expect(run.errors.contains("warning"), "the heartbeat could not be sent: \(run.all)")
    }
  }

  /// Before and after exposure.
  @Test(arguments: ["deploy", "bake"], ["TERM", "INT"])
  func `a run that is told to stop ends at once, and the next one goes on with what it left`(_ step: String, _ signal: String) async throws
  {
    try await Shop.open { shop in
      _ = try await shop.tagflip("run", "--settings", "tagflip.yaml")
      let faults = step == "deploy" ? ["never-ready": "true"] : [:]
      try await shop.repository.release("1.0.0", "The first release", faults: faults)
      let start = ContinuousClock.now
      let run = try await shop.run(stoppedAt: "\"step\":\"\(step)\"", by: signal)
      #expect(ContinuousClock.now - start < .seconds(55), "the deploy's minute was not waited for")
      #expect(run.status == 21, "\(run.all)")
      #expect(run.errors.contains("\"text\":\"told to stop, and stopping; told once more it leaves at once\""), "\(run.errors)")
      #expect(!run.errors.contains("\"decided\"") && !run.errors.contains("\"failed\""), "\(run.errors)")
      #expect(run.output.hasPrefix("web: parked: told to stop; "), "\(run.output)")
      #expect(run.output.hasSuffix(step == "deploy" ? "the next run goes on with it\n" : "until the next run goes on\n"), "\(run.output)")
      let status = try await shop.tagflip("status", "--settings", "tagflip.yaml")
      #expect(status.output.contains(step == "deploy" ? "not exposed yet" : ": exposed, "), "\(status.output)")
      // The Lease was given up: nobody has to wait until it expires.
      if step == "deploy" {
        let aborted = try await shop.tagflip("rollback", "web", "--settings", "tagflip.yaml")
        #expect(aborted.status == 0 && aborted.output == "web 1.0.0: aborted, users never saw it\n", "\(aborted.all)")
      } else {
        let next = try await shop.tagflip("run", "--settings", "tagflip.yaml")
        #expect(next.status == 0 && next.output == "web 1.0.0: promoted: healthy for the whole bake\n", "\(next.all)")
      }
    }
  }
}
