/** Where a sandbox's gateway is found, unless another port is named, */
export const GATEWAY_PORT = 8080;
/** and its live view, unless something else listens there. */
export const VIEW_PORT = 8081;
