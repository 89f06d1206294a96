/** A WebAssembly file, compiled when the worker is bundled. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
