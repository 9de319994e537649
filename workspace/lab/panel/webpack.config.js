// Modules and chunks are called by their names, not numbered by the folder that they are built in: every machine builds
// the same bytes.
module.exports = { optimization: { moduleIds: 'named', chunkIds: 'named' } };
