enum RecuerdeRedisPlaceholder {}
