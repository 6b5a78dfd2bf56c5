import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../src/menura/app/studio",
    emptyOutDir: true,
    // The content security policy allows no data: addresses for scripts and fonts.
    assetsInlineLimit: 0,
    license: { fileName: "LICENSES.md" },
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8787", "/healthz": "http://127.0.0.1:8787" } },
});
