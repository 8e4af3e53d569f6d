/* MomentumFlow as a C library: an experiment goes in as JSON, a measurement comes out.

   Experiments are those of `mgf run`, `--print-experiment` prints one. Every function may be called from any number of threads at
   a time; handles are not changed after they are made, so that threads may share them, and are freed once each. A function that
   can fail returns NULL (or -1), and sets *error, where error is not NULL, to what is to be freed with mf_error_free. Texts are
   UTF-8 and belong to their handle. After fork() a child computes on the calling thread alone.

   Nothing is global but the linear algebra inside the library, which is confined to one thread a call. */
#ifndef MOMENTUMFLOW_H
#define MOMENTUMFLOW_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Data in memory: X, n x d, and y. */
typedef struct mf_problem mf_problem;
/* What a run found. */
typedef struct mf_result mf_result;
/* Input that cannot be used. */
typedef struct mf_error mf_error;

/* How settings are called in texts: as keys, "lambda: -1", or as keywords of Python, "lambda_=-1". */
typedef enum { MF_KEYS, MF_KEYWORDS } mf_wording;

/* Called some fifty times a second by the thread that runs: the fraction done, 0 to 1, and what is being done. Another value than
   0 stops the run, which ends with what it has. */
typedef int (*mf_progress)(void *context, double fraction, const char *what);

/* Called once when the numbers of a problem are no longer needed, by any thread. */
typedef void (*mf_release)(void *owner);

/* What the numbers of an array are: double, int64_t, or const char *. */
typedef enum { MF_REAL, MF_INTEGER, MF_TEXT } mf_kind;

/* A named array, row-major, in memory of its handle. */
typedef struct {
  const char *name;
  const char *long_name;
  const char *units;         /* "1" for none; NULL for texts */
  mf_kind kind;
  int32_t rank;              /* 1 or 2 */
  int64_t shape[2];
  const char *dimensions[2]; /* names */
  const void *data;
} mf_array;

/* The version, "0.1.0". */
const char *mf_version(void);

/* The keys of an experiment by its parts, as JSON: {"motion": ["flow", "method", ...], ...}. */
const char *mf_keys(void);

/* A problem from the caller's arrays: X, `samples` rows of `features` numbers, `stride` numbers apart, and y, `samples` numbers.
   X of 64 MB or more is used where it lies if its rows may be read in whole vectors of 8: if `features` is a multiple of 8, or,
   without gaps between rows, up to 7 numbers behind the last one, `behind` says how many, may be read as well (what they are does
   not matter, up to 1e100). It must not change, or go away, before release(owner) is called (release may be NULL). Else it is
   copied, and released at once. y is copied. `description` is JSON, or NULL: {"name": "...", "feature_names": [...],
   "truth": [...]}. It is named in an experiment as {"problem": {"arrays": NAME}}. */
mf_problem *mf_problem_new(const double *x, int64_t samples, int64_t features, int64_t stride, int64_t behind,
                           const double *y, const char *description, mf_release release, void *owner, mf_error **error);

/* The data that the part "problem" of an experiment, as JSON, speaks of: read from its files, or drawn. `arrays` is what it speaks
   of as arrays, or NULL. */
mf_problem *mf_problem_load(const char *problem, const mf_problem *arrays, mf_error **error);

/* The arrays of a problem: X, y, feature, and theta_star where it is known. */
int64_t mf_problem_count(const mf_problem *problem);
int mf_problem_array(const mf_problem *problem, int64_t index, mf_array *array);
void mf_problem_free(mf_problem *problem);

/* Carries out an experiment; `data` is what it speaks of as arrays, or what its problem was loaded as before, or NULL: then it is
   read or drawn anew. What fails on the way is told in the result; NULL comes back for input that cannot be used, and where the run was stopped before there was anything (the error has
   the code MF_STOPPED). `progress` may be NULL. */
mf_result *mf_run(const char *experiment, const mf_problem *data, mf_progress progress, void *context, mf_error **error);

/* The experiment in full, its defaults included, without carrying it out; the JSON belongs to a result without arrays. */
mf_result *mf_check(const char *experiment, mf_error **error);

/* The measurement, as JSON: what the command line prints with --json, provenance aside. */
const char *mf_result_json(const mf_result *result, mf_wording wording);
/* The experiment in full, its defaults included, as JSON. */
const char *mf_result_experiment(const mf_result *result);
/* What it lacks of what was asked for; NULL when nothing. */
const char *mf_result_shortfall(const mf_result *result, mf_wording wording);
/* Where it comes from, as JSON: the attributes that NetCDF files of the command line have, its own command line aside. */
const char *mf_result_provenance(const mf_result *result);

/* The data that it ran on; NULL for those of mf_check. Free it with mf_problem_free. */
mf_problem *mf_result_problem(const mf_result *result);

/* The trajectory of `solve` and `descend`, array by array: time, w_plus, theta, ... as NetCDF files of the command line have. */
int64_t mf_result_count(const mf_result *result);
int mf_result_array(const mf_result *result, int64_t index, mf_array *array);

/* The numbers of a state of `solve`: the weights, block by block; with momentum their rates; theta. 0 where the flow is not known
   between its recorded times. */
int64_t mf_result_width(const mf_result *result);
/* Writes the states at `count` times to `states`, count x width; 0, or -1 for a time outside the run. To the accuracy of the
   stepper. */
int mf_result_evaluate(const mf_result *result, const double *times, int64_t count, double *states, mf_error **error);
void mf_result_free(mf_result *result);

/* Why something cannot be done. */
typedef enum { MF_INVALID_INPUT, MF_STOPPED } mf_code;
mf_code mf_error_code(const mf_error *error);
/* The setting at fault by its path, "motion.lambda"; NULL where it is none. */
const char *mf_error_field(const mf_error *error);
/* What was given and where, what is wrong with it, and what would be right (NULL where that is plain). */
const char *mf_error_subject(const mf_error *error, mf_wording wording);
const char *mf_error_reason(const mf_error *error, mf_wording wording);
const char *mf_error_remedy(const mf_error *error, mf_wording wording);
void mf_error_free(mf_error *error);

#ifdef __cplusplus
}
#endif
#endif
