#ifndef CPAGE_H
#define CPAGE_H

#include <stddef.h>

/// The bytes of a file of the explorer's page; NULL where there is none of that name.
const unsigned char *mf_page(const char *name, size_t *count);

#endif
