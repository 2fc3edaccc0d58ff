// Steps a thread through its user code, one instruction after the other, and writes where each was: 8 bytes little-endian an instruction.
// usage: steps TID COUNT FILE. System calls run as one step; the thread goes on by itself afterwards.
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

static int fail(const char *what)
{
    perror(what);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: steps TID COUNT FILE\n");
        return 2;
    }
    pid_t thread = atoi(argv[1]);
    long count = atol(argv[2]), taken = 0;
    unsigned long *places = malloc(count * sizeof *places);
    FILE *file = fopen(argv[3], "wb");
    if (!places || !file) return fail(argv[3]);
    if (ptrace(PTRACE_SEIZE, thread, 0, 0)) return fail("ptrace");
    ptrace(PTRACE_INTERRUPT, thread, 0, 0);
    int status, signal = 0;
    if (waitpid(thread, &status, __WALL) < 0) return fail("waitpid");
    while (taken < count) {
        places[taken++] = ptrace(PTRACE_PEEKUSER, thread, offsetof(struct user_regs_struct, rip), 0);
        if (ptrace(PTRACE_SINGLESTEP, thread, 0, signal)) return fail("ptrace");
        if (waitpid(thread, &status, __WALL) < 0) return fail("waitpid");
        if (!WIFSTOPPED(status)) {
            fprintf(stderr, "the thread ended after %ld steps\n", taken);
            return 1;
        }
        // The runtime suspends threads by signals: they are passed on.
        signal = status >> 16 || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
    }
    ptrace(PTRACE_DETACH, thread, 0, 0);
    return fwrite(places, sizeof *places, taken, file) == (size_t)taken && !fclose(file) ? 0 : fail(argv[3]);
}
