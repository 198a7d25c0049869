enum RecuerdeAIPlaceholder {}
