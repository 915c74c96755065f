import Testing

@testable import TagflipCommands

/// What the doctor found, as people read it.
@Suite struct DoctorTextTests {
  @Test func `what to do stands below what it is about`() {
    let text = DoctorText(diagnoses: [
      Diagnosis("clock", .ok, "within a second or two of the API server's"),
      Diagnosis("rights", .failed, "you may not list pods in shop (whether a color is ready)", next: "kubectl apply -f jobs/rbac.yaml"),
      Diagnosis("operators", .warning, "none", next: "see operators: in the sample"),
    ]).text
    #expect(
      text == """
        ok       clock      within a second or two of the API server's
        FAILED   rights     you may not list pods in shop (whether a color is ready)
                            next: kubectl apply -f jobs/rbac.yaml
        warning  operators  none
                            next: see operators: in the sample

        1 thing in the way of a release; 1 warning
        """)
  }
}
