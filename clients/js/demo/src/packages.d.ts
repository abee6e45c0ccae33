// What has no types of its own.
declare module '*.css';
declare module 'rich-text' {
	const richText: { type: { name: string; uri: string }; Delta: new (ops: unknown[]) => object };
	export default richText;
}
