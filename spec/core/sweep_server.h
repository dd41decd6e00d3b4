/* A tiny HTTP server with fixed answers, in a child process. */
#ifndef sweep_server_h
#define sweep_server_h

/* Starts the server on a free port of 127.0.0.1.  It ends with this process.
 * Returns the port, or -1. */
int sweep_server_start(void);

#endif
