/** A WebAssembly file, compiled when the worker is bundled. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** Its own types describe an instance; the bundle gives the module. */
declare module "@jsquash/png/codec/pkg/squoosh_png_bg.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
