package dev.cloister.tracing.anonymize;

import dev.cloister.tracing.record.Field;

/**
 * What is to be made of a field of a schema.
 *
 * @param field which
 * @param transform what
 */
record FieldPlan(Field field, Transform transform) {}
