import '../../two/src/index.js';
import '../../../core/src/plugin/index.js';
