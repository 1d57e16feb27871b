// The least program that waits: hello_node.js.
'use strict';
(async () => {
  console.log('hello');
  await null;
})();
