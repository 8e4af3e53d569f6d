#include "CMPI.h"

#ifdef MPI

// A module of a cluster puts mpi.h on the include path; Debian keeps it in mpi/.
#if __has_include(<mpi.h>)
#include <mpi.h>
#else
#include <mpi/mpi.h>
#endif

int cmpi_begin(int *rank, int *size) {
  int provided = 0;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return 1;
  MPI_Comm_rank(MPI_COMM_WORLD, rank);
  MPI_Comm_size(MPI_COMM_WORLD, size);
  return provided < MPI_THREAD_FUNNELED;
}

void cmpi_end(void) { MPI_Finalize(); }

void cmpi_send(const void *bytes, int count, int rank) { MPI_Send(bytes, count, MPI_BYTE, rank, 0, MPI_COMM_WORLD); }

int cmpi_poll(int *source) {
  int has_arrived = 0, count = 0;
  MPI_Status status;
  MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &has_arrived, &status);
  if (!has_arrived) return -1;
  MPI_Get_count(&status, MPI_BYTE, &count);
  *source = status.MPI_SOURCE;
  return count;
}

void cmpi_receive(void *bytes, int count, int source) {
  MPI_Recv(bytes, count, MPI_BYTE, source, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

void cmpi_sum(double *values, int count) {
  MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

void cmpi_largest(double *values, int count) {
  MPI_Allreduce(MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
}

void cmpi_broadcast(double *values, int count, int rank) {
  MPI_Bcast(values, count, MPI_DOUBLE, rank, MPI_COMM_WORLD);
}

void cmpi_gather(const double *values, int count, double *all, const int *counts, const int *places) {
  MPI_Gatherv(values, count, MPI_DOUBLE, all, counts, places, MPI_DOUBLE, 0, MPI_COMM_WORLD);
}

#endif
