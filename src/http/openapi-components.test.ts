import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BODY_OPTIONAL, nameSchemas } from './openapi-components.ts';

const money = { type: 'object', title: 'Money', properties: { amount: { type: 'number' } } };
const page = { type: 'object', title: 'Page', properties: { items: { type: 'array', items: money }, total: money } };

test('a schema with a name stands once under components, also inside of another', () => {
  const document = nameSchemas({ paths: { '/a': { schema: page }, '/b': { schema: money } }, components: { securitySchemes: { s: {} } } });
  assert.deepEqual(document, {
    paths: { '/a': { schema: { $ref: '#/components/schemas/Page' } }, '/b': { schema: { $ref: '#/components/schemas/Money' } } },
    components: {
      securitySchemes: { s: {} },
      schemas: {
        Money: money,
        Page: {
          ...page,
          properties: {
            items: { type: 'array', items: { $ref: '#/components/schemas/Money' } },
            total: { $ref: '#/components/schemas/Money' },
          },
        },
      },
    },
  });
});

test('the title of the document and sentences as titles stay where they are', () => {
  const info = { title: 'Transaction Guardian' };
  assert.deepEqual(nameSchemas({ info, a: { type: 'string', title: 'a sentence' } }), {
    info,
    a: { type: 'string', title: 'a sentence' },
    components: { schemas: {} },
  });
});

test('an operation that works without a body says so', () => {
  const operation = { requestBody: { required: true, content: {} } };
  assert.deepEqual(nameSchemas({ post: { ...operation, [BODY_OPTIONAL]: true }, put: operation }), {
    post: { requestBody: { required: false, content: {} } },
    put: operation,
    components: { schemas: {} },
  });
});

test('two schemas of one name are a fault of the program', () => {
  assert.throws(() => nameSchemas({ a: money, b: { ...money, description: 'other' } }), /Two different schemas are named Money/);
});
