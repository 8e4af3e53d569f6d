// The few calls of MPI that the package makes, on MPI_COMM_WORLD, without MPI's own macros, which Swift cannot read.
// They exist in builds with the trait MPI only. Errors end the whole job, as is MPI's default.
#ifndef CMPI_H
#define CMPI_H

#include <stddef.h>

/// Starts MPI for calls from one thread at a time; fills in this process's rank and the number of ranks. 0 on success.
int cmpi_begin(int *rank, int *size);
/// Ends MPI; all ranks must call it.
void cmpi_end(void);
/// Sends bytes; returns when they may be overwritten.
void cmpi_send(const void *bytes, int count, int rank);
/// The size of a message that has arrived, and its sender; -1 when there is none.
int cmpi_poll(int *source);
/// Receives the message that `cmpi_poll` saw.
void cmpi_receive(void *bytes, int count, int source);
/// Replaces numbers by their sums over all ranks.
void cmpi_sum(double *values, int count);
/// Replaces numbers by the largest over all ranks; all must be numbers.
void cmpi_largest(double *values, int count);
/// Copies numbers from one rank to all.
void cmpi_broadcast(double *values, int count, int rank);
/// Gathers `count` numbers of each rank, `counts` numbers at `places`, at rank 0.
void cmpi_gather(const double *values, int count, double *all, const int *counts, const int *places);

#endif
