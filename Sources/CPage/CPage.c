#include "CPage.h"

#include <string.h>

// The files of the page lie in the binary, so that it needs nothing beside it.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char page_html[] = {
#embed "../Explorer/Page/page.html"
};
static const unsigned char uPlot_css[] = {
#embed "../Explorer/Page/uPlot.css"
};
static const unsigned char style_css[] = {
#embed "../Explorer/Page/style.css"
};
static const unsigned char uPlot_js[] = {
#embed "../Explorer/Page/uPlot.js"
};
static const unsigned char format_js[] = {
#embed "../Explorer/Page/format.js"
};
static const unsigned char state_js[] = {
#embed "../Explorer/Page/state.js"
};
static const unsigned char experiments_js[] = {
#embed "../Explorer/Page/experiments.js"
};
static const unsigned char native_js[] = {
#embed "../Explorer/Page/native.js"
};
static const unsigned char wasm_js[] = {
#embed "../Explorer/Page/wasm.js"
};
static const unsigned char charts_js[] = {
#embed "../Explorer/Page/charts.js"
};
static const unsigned char cite_js[] = {
#embed "../Explorer/Page/cite.js"
};
static const unsigned char svg_js[] = {
#embed "../Explorer/Page/svg.js"
};
static const unsigned char share_js[] = {
#embed "../Explorer/Page/share.js"
};
static const unsigned char compute_js[] = {
#embed "../Explorer/Page/compute.js"
};
static const unsigned char views_js[] = {
#embed "../Explorer/Page/views.js"
};
static const unsigned char cards_js[] = {
#embed "../Explorer/Page/cards.js"
};
static const unsigned char controls_js[] = {
#embed "../Explorer/Page/controls.js"
};
static const unsigned char toolbar_js[] = {
#embed "../Explorer/Page/toolbar.js"
};
static const unsigned char stores_js[] = {
#embed "../Explorer/Page/stores.js"
};
static const unsigned char essay_js[] = {
#embed "../Explorer/Page/essay.js"
};
static const unsigned char selftest_js[] = {
#embed "../Explorer/Page/selftest.js"
};
static const unsigned char main_js[] = {
#embed "../Explorer/Page/main.js"
};
static const unsigned char engine_wasm[] = {
#embed "../Explorer/Page/engine.wasm"
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
