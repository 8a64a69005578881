import '../../core/src/index.js';
