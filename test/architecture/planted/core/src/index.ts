import '../../daemon/src/index.js';
import './circle.js';
import 'ws';
