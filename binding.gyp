{
  "targets": [
    {
      "target_name": "superd",
      "sources": [
        "native/module.c",
        "native/errors.c",
        "native/values.c",
        "native/table.c",
        "native/loop.c",
        "native/watch.c",
        "native/socket.c",
        "native/peer.c",
        "native/waiting.c",
        "native/marked.c",
        "native/stream.c",
        "native/burst.c",
        "native/pass.c",
        "native/descriptor.c",
        "native/diag.c",
        "native/directory.c",
        "native/address.c",
        "native/spawn.c",
        "native/spawn-collect.c",
        "native/spawn-start.c",
        "native/program.c",
        "native/child.c",
        "native/reap.c",
        "native/route.c",
        "native/relay.c",
        "native/relay-thread.c",
        "native/relay-pump.c",
        "native/relay-side.c",
        "native/relay-clock.c",
        "native/process.c",
        "native/exec.c",
        "native/file.c",
        "native/memory.c",
        "native/lookup.c",
        "native/users.c",
        "native/netdb.c",
        "native/syslog.c"
      ],
      "defines": ["_GNU_SOURCE", "_FILE_OFFSET_BITS=64", "NAPI_VERSION=8"],
      "cflags!": ["-O3"],
      "cflags": ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"],
      "ldflags": ["-pthread", "-Wl,-z,relro,-z,now"]
    },
    {
      "target_name": "tcpd",
      "type": "executable",
      "sources": ["native/tcpd.c"],
      "defines": ["_GNU_SOURCE"],
      "cflags": ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror"],
      "ldflags!": ["-rdynamic"],
      "ldflags": ["-Wl,-z,relro,-z,now"]
    }
  ]
}
