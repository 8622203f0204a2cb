{#- JSON text of a list or dictionary that stands as JSON or as Python text; numbers become strings, so that no
    digit is lost, and None becomes null. Null when it is neither. The text falls into strings in single quotes,
    strings in double quotes and all between; only what is between holds numbers and None. -#}
{% macro json_of_python(text) -%}
    cast(json(try_cast(regexp_replace(array_to_string(list_transform(
        regexp_extract_all({{ text }}, '''(?:[^''\\]|\\.)*''|"(?:[^"\\]|\\.)*"|[^''"]+'),
        token -> case left(token, 1)
            when '''' then '"' || replace(replace(token[2:-2], '\''', ''''), '"', '\"') || '"'
            when '"' then token
            else regexp_replace(
                replace(replace(replace(token, 'None', 'null'), 'True', 'true'), 'False', 'false'),
                '(-?[0-9][0-9.eE+-]*)', '"\1"', 'g'
            )
        end
    ), ''), '\\x([0-9a-f]{2})', '\\u00\1', 'g') as json)) as varchar)
{%- endmacro %}
