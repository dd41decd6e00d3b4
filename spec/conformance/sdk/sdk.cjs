// The SDK as a CommonJS module: its other form cannot load its own
// dependencies under node 18, which is Debian 12's.
module.exports = require('@daytona/sdk')
