/**
 * How the picture is built: one page with relative addresses, nothing inlined, for the oldest
 * webview we support.
 */
import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./",
  plugins: [solid()],
  build: {
    target: "safari16",
    assetsInlineLimit: 0,
    outDir: "dist",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { port: 1420, strictPort: true },
  clearScreen: false,
  test: { include: ["src/**/*.test.ts", "test/unit/**/*.test.ts"], environment: "node" },
});
