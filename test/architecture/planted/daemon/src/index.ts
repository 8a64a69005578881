import '../../plugins/one/src/index.js';
