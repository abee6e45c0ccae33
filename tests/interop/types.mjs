// The OT types that otd has built in, as the npm packages make them; what
// else a type's own generator needs is in random.mjs.
import json0 from 'ot-json0';
import text from 'ot-text';
import unicode from 'ot-text-unicode';
import json1 from 'ot-json1';
import richText from 'rich-text';
import text0 from 'ot-json0/lib/text0.js';

export const types = {
	json0: json0.type,
	text: text.type,
	'text-unicode': unicode.type,
	text0,
	'rich-text': richText.type,
	json1: json1.type,
};
