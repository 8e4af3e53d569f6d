#include "CPage.h"

#include <string.h>

// The files of the page lie in the binary, so that it needs nothing beside it.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page_html[] = {
#if __has_embed("../Explorer/Page/page.html")
#embed "../Explorer/Page/page.html"
#else
0
#endif
};
static const unsigned char uPlot_css[] = {
#if __has_embed("../Explorer/Page/uPlot.css")
#embed "../Explorer/Page/uPlot.css"
#else
0
#endif
};
static const unsigned char style_css[] = {
#if __has_embed("../Explorer/Page/style.css")
#embed "../Explorer/Page/style.css"
#else
0
#endif
};
static const unsigned char uPlot_js[] = {
#if __has_embed("../Explorer/Page/uPlot.js")
#embed "../Explorer/Page/uPlot.js"
#else
0
#endif
};
static const unsigned char format_js[] = {
#if __has_embed("../Explorer/Page/format.js")
#embed "../Explorer/Page/format.js"
#else
0
#endif
};
static const unsigned char state_js[] = {
#if __has_embed("../Explorer/Page/state.js")
#embed "../Explorer/Page/state.js"
#else
0
#endif
};
static const unsigned char experiments_js[] = {
#if __has_embed("../Explorer/Page/experiments.js")
#embed "../Explorer/Page/experiments.js"
#else
0
#endif
};
static const unsigned char native_js[] = {
#if __has_embed("../Explorer/Page/native.js")
#embed "../Explorer/Page/native.js"
#else
0
#endif
};
static const unsigned char wasm_js[] = {
#if __has_embed("../Explorer/Page/wasm.js")
#embed "../Explorer/Page/wasm.js"
#else
0
#endif
};
static const unsigned char charts_js[] = {
#if __has_embed("../Explorer/Page/charts.js")
#embed "../Explorer/Page/charts.js"
#else
0
#endif
};
static const unsigned char cite_js[] = {
#if __has_embed("../Explorer/Page/cite.js")
#embed "../Explorer/Page/cite.js"
#else
0
#endif
};
static const unsigned char svg_js[] = {
#if __has_embed("../Explorer/Page/svg.js")
#embed "../Explorer/Page/svg.js"
#else
0
#endif
};
static const unsigned char share_js[] = {
#if __has_embed("../Explorer/Page/share.js")
#embed "../Explorer/Page/share.js"
#else
0
#endif
};
static const unsigned char compute_js[] = {
#if __has_embed("../Explorer/Page/compute.js")
#embed "../Explorer/Page/compute.js"
#else
0
#endif
};
static const unsigned char views_js[] = {
#if __has_embed("../Explorer/Page/views.js")
#embed "../Explorer/Page/views.js"
#else
0
#endif
};
static const unsigned char cards_js[] = {
#if __has_embed("../Explorer/Page/cards.js")
#embed "../Explorer/Page/cards.js"
#else
0
#endif
};
static const unsigned char controls_js[] = {
#if __has_embed("../Explorer/Page/controls.js")
#embed "../Explorer/Page/controls.js"
#else
0
#endif
};
static const unsigned char toolbar_js[] = {
#if __has_embed("../Explorer/Page/toolbar.js")
#embed "../Explorer/Page/toolbar.js"
#else
0
#endif
};
static const unsigned char stores_js[] = {
#if __has_embed("../Explorer/Page/stores.js")
#embed "../Explorer/Page/stores.js"
#else
0
#endif
};
static const unsigned char essay_js[] = {
#if __has_embed("../Explorer/Page/essay.js")
#embed "../Explorer/Page/essay.js"
#else
0
#endif
};
static const unsigned char selftest_js[] = {
#if __has_embed("../Explorer/Page/selftest.js")
#embed "../Explorer/Page/selftest.js"
#else
0
#endif
};
static const unsigned char main_js[] = {
#if __has_embed("../Explorer/Page/main.js")
#embed "../Explorer/Page/main.js"
#else
0
#endif
};
static const unsigned char engine_wasm[] = {
#if __has_embed("../Explorer/Page/engine.wasm")
#embed "../Explorer/Page/engine.wasm"
#else
0
#endif
};

#define PAGE(name, bytes) {name, bytes, sizeof bytes}

static const struct {
  const char *name;
  const unsigned char *bytes;
  size_t count;
} files[] = {
    PAGE("page.html", page_html),
    PAGE("uPlot.css", uPlot_css),
    PAGE("style.css", style_css),
    PAGE("uPlot.js", uPlot_js),
    PAGE("format.js", format_js),
    PAGE("state.js", state_js),
    PAGE("experiments.js", experiments_js),
    PAGE("native.js", native_js),
    PAGE("wasm.js", wasm_js),
    PAGE("charts.js", charts_js),
    PAGE("cite.js", cite_js),
    PAGE("svg.js", svg_js),
    PAGE("share.js", share_js),
    PAGE("compute.js", compute_js),
    PAGE("views.js", views_js),
    PAGE("cards.js", cards_js),
    PAGE("controls.js", controls_js),
    PAGE("toolbar.js", toolbar_js),
    PAGE("stores.js", stores_js),
    PAGE("essay.js", essay_js),
    PAGE("selftest.js", selftest_js),
    PAGE("main.js", main_js),
    PAGE("engine.wasm", engine_wasm),
};

const unsigned char *mf_page(const char *name, size_t *count) {
  for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
    if (strcmp(files[k].name, name) == 0) {
      *count = files[k].count;
      return files[k].bytes;
    }
  }
  *count = 0;
  return NULL;
}
