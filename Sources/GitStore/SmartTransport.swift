import CLibgit2

/// Gives libgit2's smart protocol a connection of ours to travel over: the callbacks of a subtransport, whose structs lead back to a ``SmartSession``.
///
/// libgit2 owns the two structs and frees them through their own callbacks; the session outlives both.
enum SmartTransport {
  /// `git_transport_cb`: a smart transport over the session that is the callback's payload.
  static func make(
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<git_transport>?>?, _ remote: OpaquePointer?, _ payload: UnsafeMutableRawPointer?
  ) -> CInt {
    guard let session = unsafe SmartSession.from(payload) else { return -1 }
    var definition = unsafe git_smart_subtransport_definition()
    unsafe definition.callback = { out, _, payload in unsafe SmartTransport.makeSubtransport(out, payload) }
    unsafe definition.rpc = session.connection.isStateless ? 1 : 0
    unsafe definition.param = payload
    return unsafe git_transport_smart(out, remote, &definition)
  }

  private static func makeSubtransport(
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<git_smart_subtransport>?>?, _ payload: UnsafeMutableRawPointer?
  ) -> CInt {
    let subtransport = UnsafeMutablePointer<gitstore_subtransport>.allocate(capacity: 1)
    unsafe subtransport.initialize(to: gitstore_subtransport())
    unsafe subtransport.pointee.owner = payload
    unsafe subtransport.pointee.parent.action = { out, subtransport, _, service in
      unsafe SmartTransport.act(out, subtransport, service)
    }
    unsafe subtransport.pointee.parent.close = { subtransport in
      unsafe SmartTransport.session(of: subtransport)?.connection.close()
      return 0
    }
    unsafe subtransport.pointee.parent.free = { subtransport in
      unsafe UnsafeMutableRawPointer(subtransport)?.assumingMemoryBound(to: gitstore_subtransport.self).deallocate()
    }
    unsafe out?.pointee = UnsafeMutableRawPointer(subtransport).assumingMemoryBound(to: git_smart_subtransport.self)
    return 0
  }

  /// Opens the conversation for a listing, or starts the request that follows one.
  private static func act(
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<git_smart_subtransport_stream>?>?,
    _ subtransport: UnsafeMutablePointer<git_smart_subtransport>?, _ service: git_smart_service_t
  ) -> CInt {
    guard let session = unsafe session(of: subtransport) else { return -1 }
    let isListing = service == GIT_SERVICE_UPLOADPACK_LS
    let code = session.attempt { () throws(GitError) in
      if isListing { try session.connection.begin() } else { try session.connection.request() }
    }
    guard code == 0 else { return code }
    // A stream that carries the whole conversation must stay the same one.
    if !isListing, !session.connection.isStateless, let stream = unsafe session.stream {
      unsafe out?.pointee = stream
      return 0
    }
    let stream = unsafe makeStream(subtransport, session)
    unsafe out?.pointee = stream
    return 0
  }

  private static func makeStream(
    _ subtransport: UnsafeMutablePointer<git_smart_subtransport>?, _ session: SmartSession
  ) -> UnsafeMutablePointer<git_smart_subtransport_stream> {
    let stream = UnsafeMutablePointer<gitstore_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: gitstore_stream())
    unsafe stream.pointee.owner = Unmanaged.passUnretained(session).toOpaque()
    unsafe stream.pointee.parent.subtransport = subtransport
    unsafe stream.pointee.parent.read = { unsafe SmartTransport.read($0, $1, $2, $3) }
    unsafe stream.pointee.parent.write = { unsafe SmartTransport.write($0, $1, $2) }
    unsafe stream.pointee.parent.free = { stream in
      unsafe SmartTransport.session(of: stream)?.stream = nil
      unsafe UnsafeMutableRawPointer(stream)?.assumingMemoryBound(to: gitstore_stream.self).deallocate()
    }
    let parent = unsafe UnsafeMutableRawPointer(stream).assumingMemoryBound(to: git_smart_subtransport_stream.self)
    unsafe session.stream = parent
    return unsafe parent
  }

  private static func read(
    _ stream: UnsafeMutablePointer<git_smart_subtransport_stream>?, _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int,
    _ count: UnsafeMutablePointer<Int>?
  ) -> CInt {
    guard let session = unsafe session(of: stream), let buffer = unsafe buffer else { return -1 }
    return session.attempt { () throws(GitError) in
      let bytes = try session.connection.read(upTo: size)
      unsafe UnsafeMutableRawBufferPointer(start: buffer, count: size).copyBytes(from: bytes)
      unsafe count?.pointee = bytes.count
    }
  }

  private static func write(
    _ stream: UnsafeMutablePointer<git_smart_subtransport_stream>?, _ buffer: UnsafePointer<CChar>?, _ size: Int
  ) -> CInt {
    guard let session = unsafe session(of: stream) else { return -1 }
    let bytes = unsafe Array(UnsafeRawBufferPointer(start: buffer, count: size))
    return session.attempt { () throws(GitError) in try session.connection.write(bytes) }
  }

  private static func session(of subtransport: UnsafeMutablePointer<git_smart_subtransport>?) -> SmartSession? {
    unsafe SmartSession.from(UnsafeMutableRawPointer(subtransport)?.assumingMemoryBound(to: gitstore_subtransport.self).pointee.owner)
  }

  private static func session(of stream: UnsafeMutablePointer<git_smart_subtransport_stream>?) -> SmartSession? {
    unsafe SmartSession.from(UnsafeMutableRawPointer(stream)?.assumingMemoryBound(to: gitstore_stream.self).pointee.owner)
  }
}
