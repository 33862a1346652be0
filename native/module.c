#include <node_api.h>

#include "burst.h"
#include "descriptor.h"
#include "diag.h"
#include "directory.h"
#include "exec.h"
#include "file.h"
#include "lookup.h"
#include "loop.h"
#include "marked.h"
#include "memory.h"
#include "pass.h"
#include "process.h"
#include "program.h"
#include "reap.h"
#include "relay.h"
#include "route.h"
#include "socket.h"
#include "spawn.h"
#include "stream.h"
#include "syslog.h"
#include "watch.h"

#define FUNCTION(name, function) {name, NULL, function, NULL, NULL, NULL, napi_default, NULL}

/* src/os/binding.ts describes every one of them. */
NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
    FUNCTION("loopOpen", loop_open),
    FUNCTION("loopClose", loop_close),
    FUNCTION("loopRef", loop_ref),
    FUNCTION("watchAccept", watch_accept),
    FUNCTION("watchReadable", watch_readable),
    FUNCTION("watchWritable", watch_writable),
    FUNCTION("unwatch", unwatch),
    FUNCTION("socketOpen", socket_open),
    FUNCTION("socketName", socket_name),
    FUNCTION("socketPeer", socket_peer),
    FUNCTION("hearMarked", hear_marked),
    FUNCTION("peerCredentials", peer_credentials),
    FUNCTION("peerGroups", peer_groups),
    FUNCTION("peekSender", peek_sender),
    FUNCTION("dropDatagram", drop_datagram),
    FUNCTION("dropConnection", drop_connection),
    FUNCTION("setNonblocking", set_nonblocking),
    FUNCTION("getSocketOption", get_socket_option),
    FUNCTION("setSocketOption", set_socket_option),
    FUNCTION("setLinger", set_linger),
    FUNCTION("close", close_descriptor),
    FUNCTION("streamReceive", stream_receive),
    FUNCTION("streamPeek", stream_peek),
    FUNCTION("streamSend", stream_send),
    FUNCTION("streamHangUp", stream_hang_up),
    FUNCTION("burstReceive", burst_receive),
    FUNCTION("burstAnswer", burst_answer),
    FUNCTION("burstPass", burst_pass),
    FUNCTION("burstReturn", burst_return),
    FUNCTION("zoneName", zone_name),
    FUNCTION("diagOpen", diag_open),
    FUNCTION("diagRead", diag_read),
    FUNCTION("diagDestroy", diag_destroy),
    FUNCTION("pipeOpen", pipe_open),
    FUNCTION("duplicate", duplicate),
    FUNCTION("programCreate", program_create),
    FUNCTION("spawn", spawn),
    FUNCTION("spawnConnection", spawn_connection),
    FUNCTION("signalToken", signal_token),
    FUNCTION("closeOnExecFrom", close_on_exec_from),
    FUNCTION("clockIsSynchronized", clock_is_synchronized),
    FUNCTION("getResourceLimit", get_resource_limit),
    FUNCTION("setResourceLimit", set_resource_limit),
    FUNCTION("execve", exec_program),
    FUNCTION("becomeSubreaper", become_subreaper),
    FUNCTION("reapOrphans", reap_orphans),
    FUNCTION("trimMemory", trim_memory),
    FUNCTION("fileStamp", file_stamp),
    FUNCTION("fileLock", file_lock),
    FUNCTION("fifoMake", fifo_make),
    FUNCTION("pidfdOpen", pidfd_open_process),
    FUNCTION("pidfdSignal", pidfd_signal_process),
    FUNCTION("datagramBind", datagram_bind),
    FUNCTION("datagramReceive", datagram_receive),
    FUNCTION("directoryWatch", directory_watch),
    FUNCTION("directoryHeard", directory_heard),
    FUNCTION("lookUp", look_up),
    FUNCTION("routeCreate", route_create),
    FUNCTION("routeDatagram", route_datagram),
    FUNCTION("relayStart", relay_start),
    FUNCTION("relayEnd", relay_end),
    FUNCTION("relayTraffic", relay_traffic),
    FUNCTION("datagramOpen", datagram_open),
    FUNCTION("datagramSend", datagram_send),
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
