/* The sole mention of zlib. */
#ifndef MGF_CZLIB_SHIM_H
#define MGF_CZLIB_SHIM_H
#include <zlib.h>
/* inflateInit2 is a macro, which Swift does not see. 15 + 16: the largest window, with gzip's header and check sum. */
static inline int mgf_inflate_gzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
#endif
