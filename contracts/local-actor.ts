/** Id of every program on this machine: the server cannot distinguish them. Apart from the schemas, for the browser. */
export const LOCAL_ACTOR = 'local';
