/** The bundle has no types of its own: they are the package's. */
declare module 'echarts/dist/echarts.esm.min' {
  export { init } from 'echarts';
}
