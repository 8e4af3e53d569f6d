/* Ends one instruction set's part of gradient.c. */
#undef V
#undef U
#undef W
#undef SUMS
#undef TILE
#undef EVEN
#undef ODD
#undef NAME
