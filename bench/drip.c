// An upstream that answers every request in many small writes: SIZE bytes of the rig's body pattern, 128 at a time, TCP_NODELAY.
// usage: drip PORT SIZE (loopback)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE 128
#define FDS 65536

static long left[FDS];  // bytes of the request's body still to come
static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

int main(int argc, char **argv) {
  int on = 1, size = atoi(argv[2]), listener = socket(AF_INET, SOCK_STREAM, 0), ep = epoll_create1(0);
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (void *)&here, sizeof here) || listen(listener, 4096)) return 1;
  char *body = malloc(size + 1), head[128], in[65537];
  for (int i = 0; i < size; i++) body[i] = 32 + i % 95;
  int head_length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size);
  struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, ready[256];
  epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
  for (;;) {
    int count = epoll_wait(ep, ready, 256, -1);
    for (int i = 0; i < count; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) {
        int client = accept4(listener, 0, 0, 0);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        e.data.fd = client;
        epoll_ctl(ep, EPOLL_CTL_ADD, client, &e);
        continue;
      }
      int got = recv(fd, in, sizeof in - 1, 0);
      if (got <= 0) {
        left[fd] = 0;
        close(fd);
        continue;
      }
      if (fd >= FDS) return 2;
      // One request at a time and a head in one segment: the rig's clients send no other. A body is read to its end.
      if (left[fd] == 0) {
        char *end = memmem(in, got, "\r\n\r\n", 4);
        if (!end) continue;
        in[got] = 0;
        char *length = strcasestr(in, "content-length:");
        left[fd] = length && length < end ? atol(length + 15) : 0;
        if (left[fd] > 0) {
          left[fd] -= got - (end + 4 - in);
          if (left[fd] > 0) continue;
          send(fd, ok, sizeof ok - 1, MSG_NOSIGNAL);
          left[fd] = 0;
          continue;
        }
      } else {
        left[fd] -= got;
        if (left[fd] > 0) continue;
        left[fd] = 0;
        send(fd, ok, sizeof ok - 1, MSG_NOSIGNAL);
        continue;
      }
      send(fd, head, head_length, MSG_NOSIGNAL);
      for (int at = 0; at < size; at += PIECE) send(fd, body + at, size - at < PIECE ? size - at : PIECE, MSG_NOSIGNAL);
    }
  }
}
