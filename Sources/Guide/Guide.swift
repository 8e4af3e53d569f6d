// The guide: pages alone, in Guide.docc.
